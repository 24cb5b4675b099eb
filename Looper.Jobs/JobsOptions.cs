using System.ComponentModel.DataAnnotations;

namespace Looper.Jobs;

/// <summary>How work is run. Section <c>Looper:Jobs</c>.</summary>
public sealed class JobsOptions
{
    public const string Section = "Looper:Jobs";

    /// <summary>A run whose heartbeat has not moved for this long counts as lost and is started again. 5 seconds to 1 hour; default 30 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:05", "01:00:00")]
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How often a run writes its progress, its log and its heartbeat, and looks whether it was cancelled. 0.1 to 3 seconds; default 1 second.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:00:03")]
    public TimeSpan Pulse { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How often waiting and lost runs are looked for, beside being told. 0.1 seconds to 1 minute; default 2 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00")]
    public TimeSpan Poll { get; set; } = TimeSpan.FromSeconds(2);
}
