// What a browser remembers: language and theme for good, the viewer as long as the tab is open,
// so that two tabs can be two people. A browser that keeps nothing (private, blocked) is no error.
const KEPT = { language: () => localStorage, theme: () => localStorage, guide: () => localStorage };
const store = (name) => (KEPT[name] ?? (() => sessionStorage))();

export function kept(name) {
    try {
        return store(name).getItem(`desk.${name}`);
    } catch {
        return null;
    }
}

export function keep(name, value) {
    try {
        store(name).setItem(`desk.${name}`, value);
    } catch {
        // then it lasts as long as the page
    }
}
