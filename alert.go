package tripline

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/tripline-sec/tripline/internal/alert"
)

// encodeAlert writes an alert's documents as JSON.
func encodeAlert(one *alert.Alert) ([][]byte, error) {
	var out [][]byte
	for _, doc := range one.Documents() {
		var b bytes.Buffer
		encoder := json.NewEncoder(&b)
		encoder.SetEscapeHTML(false)
		if err := encoder.Encode(doc); err != nil {
			return nil, fmt.Errorf("encode alert: %w", err)
		}
		out = append(out, bytes.TrimSpace(b.Bytes()))
	}
	return out, nil
}
