// Command tripline runs Elastic's EQL detection rules over recorded events,
// without an Elastic Stack. See `tripline help`.
package main

import (
	"os"

	"github.com/tripline-sec/tripline/internal/cli"
)

// version is set by the build (-ldflags "-X main.version=..."). Without it the
// version that Go records in the binary is shown.
var version string

func main() { os.Exit(cli.Main(version)) }
