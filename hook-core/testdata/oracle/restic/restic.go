// Package restic holds what a backup says of itself.
package restic

// BackupProgressEntry is a line of a backup's output. JSON always shows all of it.
type BackupProgressEntry struct {
	MessageType         string   `json:"message_type"`
	Error               any      `json:"error"`
	During              string   `json:"during"`
	Item                string   `json:"item"`
	FilesNew            int64    `json:"files_new"`
	FilesChanged        int64    `json:"files_changed"`
	FilesUnmodified     int64    `json:"files_unmodified"`
	DirsNew             int64    `json:"dirs_new"`
	DirsChanged         int64    `json:"dirs_changed"`
	DirsUnmodified      int64    `json:"dirs_unmodified"`
	DataBlobs           int64    `json:"data_blobs"`
	TreeBlobs           int64    `json:"tree_blobs"`
	DataAdded           int64    `json:"data_added"`
	TotalFilesProcessed int64    `json:"total_files_processed"`
	TotalBytesProcessed int64    `json:"total_bytes_processed"`
	TotalDuration       float64  `json:"total_duration"`
	SnapshotId          string   `json:"snapshot_id"`
	PercentDone         float64  `json:"percent_done"`
	TotalFiles          int64    `json:"total_files"`
	FilesDone           int64    `json:"files_done"`
	TotalBytes          int64    `json:"total_bytes"`
	BytesDone           int64    `json:"bytes_done"`
	CurrentFiles        []string `json:"current_files"`
	Action              string   `json:"action"`
	ExitError           string   `json:"exit_error"`
	Message             string   `json:"message"`
}
