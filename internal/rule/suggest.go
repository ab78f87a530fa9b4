package rule

import (
	"fmt"
	"strings"
)

// didYouMean returns a hint with the candidate closest to a word, "" when none
// is close.
func didYouMean(word string, candidates []string) string {
	if len(word) > 100 {
		return ""
	}
	best, near := max(1, len(word)/3)+1, ""
	for _, c := range candidates {
		if d := distance(strings.ToLower(word), strings.ToLower(c)); d < best {
			best, near = d, c
		}
	}
	if near == "" {
		return ""
	}
	return fmt.Sprintf("did you mean %q?", near)
}

// choice returns a hint for a word that should be one of a few.
func choice(word string, allowed []string) string {
	if hint := didYouMean(word, allowed); hint != "" {
		return hint
	}
	return "write one of " + strings.Join(allowed, ", ")
}

// distance is the number of bytes to insert, delete or replace that makes b of a.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
