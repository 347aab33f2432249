package v1

// Repo is a repository, as configured.
type Repo struct {
	Id               string         `json:"id,omitempty"`
	Uri              string         `json:"uri,omitempty"`
	Guid             string         `json:"guid,omitempty"`
	Password         string         `json:"password,omitempty"`
	Env              []string       `json:"env,omitempty"`
	Flags            []string       `json:"flags,omitempty"`
	PrunePolicy      *PrunePolicy   `json:"prune_policy,omitempty"`
	AutoUnlock       bool           `json:"auto_unlock,omitempty"`
	AutoInitialize   bool           `json:"auto_initialize,omitempty"`
	Shared           bool           `json:"shared,omitempty"`
	CommandPrefix    *CommandPrefix `json:"command_prefix,omitempty"`
	OriginInstanceId string         `json:"origin_instance_id,omitempty"`
}

// Plan is a plan, as configured.
type Plan struct {
	Id              string   `json:"id,omitempty"`
	Repo            string   `json:"repo,omitempty"`
	Paths           []string `json:"paths,omitempty"`
	Excludes        []string `json:"excludes,omitempty"`
	Iexcludes       []string `json:"iexcludes,omitempty"`
	BackupFlags     []string `json:"backup_flags,omitempty"`
	SkipIfUnchanged bool     `json:"skip_if_unchanged,omitempty"`
}

// PrunePolicy says how much unused data a prune leaves.
type PrunePolicy struct {
	MaxUnusedBytes   int64   `json:"max_unused_bytes,omitempty"`
	MaxUnusedPercent float64 `json:"max_unused_percent,omitempty"`
}

// CommandPrefix says which priorities commands run with.
type CommandPrefix struct {
	IoNice  CommandPrefix_IONiceLevel  `json:"io_nice,omitempty"`
	CpuNice CommandPrefix_CPUNiceLevel `json:"cpu_nice,omitempty"`
}
