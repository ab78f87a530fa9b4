package cli

import "github.com/tripline-sec/tripline/internal/rule"

var colorModes = []string{"auto", "always", "never"}

// palette paints text with the terminal's own colours, or leaves it plain.
type palette bool

// palette decides about colour: asked for, or stdout is a terminal that takes it.
func (a *app) palette() palette {
	switch a.color.value {
	case "always":
		return true
	case "never":
		return false
	}
	return palette(a.StdoutTerminal && a.Getenv("NO_COLOR") == "" && a.Getenv("TERM") != "dumb")
}

func (p palette) paint(sgr, text string) string {
	if !p || text == "" {
		return text
	}
	return "\x1b[" + sgr + "m" + text + "\x1b[0m"
}

func (p palette) bold(text string) string { return p.paint("1", text) }
func (p palette) dim(text string) string  { return p.paint("2", text) }
func (p palette) good(text string) string { return p.paint("32", text) }
func (p palette) bad(text string) string  { return p.paint("31", text) }

// severity paints text in the colour of a severity.
func (p palette) severity(s rule.Severity, text string) string {
	switch s {
	case rule.Low:
		return p.paint("1;36", text)
	case rule.Medium:
		return p.paint("1;33", text)
	case rule.High:
		return p.paint("1;31", text)
	case rule.Critical:
		return p.paint("1;37;41", text)
	}
	return text
}
