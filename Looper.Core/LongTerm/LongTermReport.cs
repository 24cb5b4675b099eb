namespace Looper.Core.LongTerm;

/// <summary>A prediction of long-term effects as of a moment; stored whole with its inputs, and never changed.</summary>
public sealed class LongTermReport
{
    public Guid Id { get; init; }
    public Guid ExperimentId { get; init; }

    /// <summary>The run that made it.</summary>
    public Guid JobRunId { get; init; }

    public DateTimeOffset ComputedAt { get; init; }
    public string RequestedBy { get; init; } = "";

    /// <summary>Key of the metric.</summary>
    public string Metric { get; init; } = "";

    /// <summary>One sentence per treatment.</summary>
    public string Verdict { get; init; } = "";

    /// <summary>JSON of a <see cref="LongTermContent"/>. No unit's name is in it.</summary>
    public string Content { get; init; } = "";

    /// <summary>What a run found, ready to be stored.</summary>
    public static LongTermReport Of(Guid id, Guid jobRunId, string requestedBy, DateTimeOffset at, LongTermContent content)
    {
        var verdict = string.Join(" ", content.Effects.Select(e => content.Effects.Length == 1 ? e.Verdict : $"{e.Arm}: {e.Verdict}"));
        return new()
        {
            Id = id, ExperimentId = content.Settings.Input.ExperimentId, JobRunId = jobRunId, RequestedBy = requestedBy, ComputedAt = at, Metric = content.Settings.Input.Metric,
            Verdict = verdict.Length <= LongTermReportMapping.MaxVerdict ? verdict : verdict[..LongTermReportMapping.MaxVerdict], Content = LongTermContent.Write(content),
        };
    }
}
