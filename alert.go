package tripline

import (
	"bytes"

	"github.com/tripline-sec/tripline/internal/alert"
)

// encodeAlert writes an alert's documents as JSON.
func encodeAlert(one *alert.Alert) ([][]byte, error) {
	text, err := new(alert.Encoder).Append(nil, one)
	if err != nil {
		return nil, err
	}
	return bytes.Split(bytes.TrimSuffix(text, []byte("\n")), []byte("\n")), nil
}
