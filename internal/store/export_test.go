package store

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// WriteManifestOfFormat writes a manifest as a program of a later format would.
func WriteManifestOfFormat(t *testing.T, name string, format int) {
	t.Helper()
	text, err := json.Marshal(edit{Format: format})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, fmt.Appendf(nil, "%08x %s\n", castagnoli(text), text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// WriteLogOfFormat adds a log file as a program of a later format would.
func WriteLogOfFormat(t *testing.T, folder string, format int) {
	t.Helper()
	payload, err := json.Marshal(logHead{Format: format})
	if err != nil {
		t.Fatal(err)
	}
	data := append(make([]byte, recordHead), payload...)
	sealRecord(data, kindHead, 1000, castagnoli(payload))
	if err := os.WriteFile(filepath.Join(folder, "log", logName(1000)), data, 0o600); err != nil {
		t.Fatal(err)
	}
}
