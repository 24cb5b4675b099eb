using System.ComponentModel.DataAnnotations;

namespace Looper.Core.Events.Shipping;

/// <summary>How the journal is copied to a database server. Section <c>Looper:Shipping</c>; unused with SQLite.</summary>
public sealed class ShippingOptions
{
    public const string Section = "Looper:Shipping";

    /// <summary>How long to wait before looking for new events, once all are there. 10 ms to 1 minute; default 0.5 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00.01", "00:01:00")]
    public TimeSpan Every { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How long to wait after a failure. 0.1 seconds to 5 minutes; default 2 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:05:00")]
    public TimeSpan RetryAfter { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Most events sent at once; fewer after a failure. 100 to 100,000; default 40,000.</summary>
    [Range(100, 100_000)]
    public int BatchRows { get; set; } = 40_000;

    /// <summary>The health check says Degraded when events have waited longer. 1 second to 7 days; default 5 minutes.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "7.00:00:00")]
    public TimeSpan MostLag { get; set; } = TimeSpan.FromMinutes(5);
}
