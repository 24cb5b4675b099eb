using Microsoft.Extensions.Logging;

namespace Looper.Jobs;

/// <summary>Log events 1400 to 1499: stable names, one meaning each.</summary>
internal static class JobEvents
{
    public static readonly EventId Started = new(1400, "job.started");
    public static readonly EventId Phase = new(1401, "job.phase");
    public static readonly EventId Published = new(1402, "job.published");
    public static readonly EventId Fenced = new(1403, "job.fenced");
    public static readonly EventId Resumed = new(1404, "job.resumed");
    public static readonly EventId Cancelled = new(1405, "job.cancelled");
    public static readonly EventId Failed = new(1406, "job.failed");
}
