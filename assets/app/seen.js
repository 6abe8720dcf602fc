// Tells Python whether anybody can see this tab: nobody needs to ask for news in one that is hidden. Runs as a gr.HTML js_on_load.
document.addEventListener('visibilitychange', () => trigger('seen', { seen: !document.hidden }));
