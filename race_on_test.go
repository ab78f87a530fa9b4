//go:build race

package tripline

const raceDetector = true
