package main

import (
	"fmt"
	"strconv"
)

// number writes a whole number with commas.
func number[N int | int64 | uint64](n N) string {
	text := strconv.FormatInt(int64(n), 10)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// rounded writes a number with about three digits.
func rounded(x float64) string {
	switch {
	case x == 0:
		return "0"
	case x >= 100:
		return number(int64(x + 0.5))
	case x >= 10:
		return fmt.Sprintf("%.1f", x)
	case x >= 0.01:
		return fmt.Sprintf("%.2f", x)
	}
	return fmt.Sprintf("%.1g", x)
}

// mebibytes writes a number of bytes.
func mebibytes(n int64) string { return rounded(float64(n)/(1<<20)) + " MiB" }
