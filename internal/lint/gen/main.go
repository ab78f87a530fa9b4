// Command gen writes the page that describes the linter's checks.
package main

import (
	"flag"
	"fmt"
	"os"

	"github.com/tripline-sec/tripline/internal/lint"
)

func main() {
	to := flag.String("to", "", "the `FILE` to write")
	flag.Parse()
	if err := os.WriteFile(*to, []byte(lint.Markdown()), 0o644); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}
