using System.ComponentModel.DataAnnotations;

namespace Looper.Core.Events.Histories;

/// <summary>What is kept of units for features that look back. Section <c>Looper:Histories</c>.</summary>
public sealed class HistoryOptions
{
    public const string Section = "Looper:Histories";

    /// <summary>Memory for it, in MB; when it is full, units that were seen least lately are forgotten. 1 to 65,536; default 64.</summary>
    [Range(1, 65_536)]
    public int MostMegabytes { get; set; } = 64;
}
