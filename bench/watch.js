// When a press (one of the events `kinds`) was let go and when what it changes was painted, by the
// page's own clock: what drives the browser adds its own delays. `find` is an expression that
// says what is shown.
([kinds, find]) => {
    window.began = 0; window.ended = 0;
    for (const kind of kinds)
        window.addEventListener(kind, () => { window.began = performance.now() }, true);
    const found = new Function("return " + find);
    let last = found();
    const look = () => {
        const now = found();
        if (now && now !== last) {
            last = now;
            // The frame after the change is when it is painted.
            requestAnimationFrame(() => setTimeout(() => { window.ended = performance.now() }));
        }
        requestAnimationFrame(look);
    };
    look();
}
