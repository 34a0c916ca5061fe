package web

// hexKeys are the keys of the editable bytes, for their help.
var hexKeys = []struct {
	keys []string
	does string // behind "hex.key-", a message
}{
	{[]string{"0–9", "a–f"}, "type"},
	{[]string{"Insert"}, "insert"},
	{[]string{"Delete", "Backspace"}, "delete"},
	{[]string{"←", "→", "↑", "↓", "Home", "End"}, "move"},
	{[]string{"Shift"}, "select"},
	{[]string{"Shift+Enter"}, "field"},
	{[]string{"Ctrl+A"}, "all"},
	{[]string{"Enter", "Space"}, "hold"},
	{[]string{"Ctrl+C", "Ctrl+X", "Ctrl+V"}, "paste"},
	{[]string{"Ctrl+Z", "Ctrl+Shift+Z"}, "undo"},
	{[]string{"?"}, "help"},
}
