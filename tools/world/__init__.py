"""The renderer of the embedded world: people, wardrobes, cameras and scenes, from a seed to labelled crops.

Pure values first (`people`, `outfits`, `shots`, `cameras`), then geometry (`meshes`, `body`, `wardrobe`, `skirts`, `poses`),
then pixels (`raster`, `shading`, `scenery`, `lens`), then files (`corpus`, `embedded`, `sheets`). Start reading at `render`.
Only `body` needs anny, only `wardrobe` and `poses` read MakeHuman's files; both are needed to render and never by the product.
"""
