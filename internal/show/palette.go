package show

import "github.com/tripline-sec/tripline/internal/rule"

// Palette paints text with the terminal's own colours, or leaves it plain.
type Palette bool

func (p Palette) paint(sgr, text string) string {
	if !p || text == "" {
		return text
	}
	return "\x1b[" + sgr + "m" + text + "\x1b[0m"
}

// Bold and the others paint text by what it is.
func (p Palette) Bold(text string) string { return p.paint("1", text) }
func (p Palette) Dim(text string) string  { return p.paint("2", text) }
func (p Palette) Good(text string) string { return p.paint("32", text) }
func (p Palette) Bad(text string) string  { return p.paint("31", text) }

// Severity paints text in the colour of a severity.
func (p Palette) Severity(s rule.Severity, text string) string {
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
