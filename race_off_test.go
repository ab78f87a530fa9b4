//go:build !race

package tripline

const raceDetector = false
