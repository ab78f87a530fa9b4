//go:build !unix

package main

import (
	"os"
	"time"
)

// peakOf returns the most memory that a process held; 0: not known.
func peakOf(*os.ProcessState) int64 { return 0 }

// processorTime returns how much of it this process has used; 0: not known.
func processorTime() time.Duration { return 0 }

// freeDisk returns how many bytes may be written to a folder; -1: not known.
func freeDisk(string) int64 { return -1 }
