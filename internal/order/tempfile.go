package order

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// TempFile is where events are spilled to: written from its start to its end,
// then read. Close removes it.
type TempFile interface {
	io.Writer
	io.ReaderAt
	io.Closer
}

// tempFile is a file that nobody else can read and that nothing is left of.
type tempFile struct{ *os.File }

// createTemp makes one. Where an open file can be removed it is removed at
// once, so that it is gone even if the process is killed.
func createTemp(folder string) (TempFile, error) {
	f, err := os.CreateTemp(folder, "tripline-order-*")
	if err != nil {
		return nil, fmt.Errorf("create temporary file: %w", err)
	}
	_ = os.Remove(f.Name()) // Close tries again
	return tempFile{f}, nil
}

func (f tempFile) Close() error {
	err := f.File.Close()
	if gone := os.Remove(f.Name()); gone != nil && !errors.Is(gone, fs.ErrNotExist) {
		err = errors.Join(err, gone)
	}
	return err
}

func folderOf(folder string) string {
	if folder == "" {
		return os.TempDir()
	}
	return folder
}
