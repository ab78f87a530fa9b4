package value

import (
	"slices"
	"strings"
)

// Suggest returns those of the candidates that are closest to word, as in "did
// you mean", by name and at most five, if they are close. Close is an
// edit distance, regardless of case, of 1 for words of up to 5 characters, of 2
// up to 12, and of 3 beyond. Two letters exchanged are one edit.
//
// The cost is that of comparing word with the candidates of about its length.
func Suggest(word string, candidates []string) []string {
	const most = 5
	folded := []rune(foldText(word))
	limit := 3
	switch n := len(folded); {
	case n <= 5:
		limit = 1
	case n <= 12:
		limit = 2
	}
	type near struct {
		name     string
		distance int
	}
	var (
		found []near
		other []rune
		plain = asciiPrefix(word) == len(word)
	)
	for _, c := range candidates {
		if plain && (len(c) < len(word)-limit || len(c) > len(word)+limit) && asciiPrefix(c) == len(c) {
			continue // most are of another length, and there are thousands
		}
		other = other[:0]
		for _, r := range c {
			other = append(other, foldRune(r))
		}
		if d := editDistance(folded, other, limit); d <= limit {
			found = append(found, near{c, d})
		}
	}
	slices.SortFunc(found, func(a, b near) int {
		if a.distance != b.distance {
			return a.distance - b.distance
		}
		return strings.Compare(a.name, b.name)
	})
	found = slices.Compact(found)
	if i := slices.IndexFunc(found, func(n near) bool { return n.distance > found[0].distance }); i >= 0 {
		found = found[:i]
	}
	found = found[:min(len(found), most)]
	names := make([]string, len(found))
	for i, n := range found {
		names[i] = n.name
	}
	return names
}

// editDistance returns the number of insertions, deletions, replacements and
// exchanges of neighbours that turn a into b, or limit+1 if it is greater than
// limit. It looks only at the cells within limit of the diagonal.
func editDistance(a, b []rune, limit int) int {
	beyond := limit + 1
	if len(a)-len(b) > limit || len(b)-len(a) > limit {
		return beyond
	}
	// rows[i%3][j] is the distance of a[:i] and b[:j].
	var (
		rows  [3][]int
		cells [3 * 64]int
	)
	for i := range rows {
		if len(b) < 64 {
			rows[i] = cells[64*i : 64*i+len(b)+1]
		} else {
			rows[i] = make([]int, len(b)+1)
		}
	}
	for j := range rows[0] {
		rows[0][j] = min(j, beyond)
	}
	for i := 1; i <= len(a); i++ {
		row, above, above2 := rows[i%3], rows[(i+2)%3], rows[(i+1)%3]
		low, high := max(1, i-limit), min(len(b), i+limit)
		// What lies just outside the band must not be read as a leftover.
		row[low-1] = beyond
		if low == 1 {
			row[0] = min(i, beyond)
		}
		best := row[low-1]
		for j := low; j <= high; j++ {
			d := above[j-1]
			if a[i-1] != b[j-1] {
				d++
			}
			d = min(d, row[j-1]+1)
			if j < i+limit {
				d = min(d, above[j]+1)
			}
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d = min(d, above2[j-2]+1)
			}
			row[j] = min(d, beyond)
			best = min(best, row[j])
		}
		if best > limit {
			return beyond
		}
	}
	return rows[len(a)%3][len(b)]
}
