namespace Looper.Core.Personalization;

/// <summary>For whom the arms of an experiment work, as of a moment; stored whole with its inputs, and never changed.</summary>
public sealed class EffectReport
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

    /// <summary>JSON of an <see cref="EffectContent"/>.</summary>
    public string Content { get; init; } = "";

    /// <summary>A <see cref="RuleUnits"/>: what rules are learned from. No unit's name is in it.</summary>
    public byte[] Units { get; init; } = [];

    /// <summary>What a run found, ready to be stored.</summary>
    /// <param name="units">Null where no rule can be learned.</param>
    public static EffectReport Of(Guid id, Guid jobRunId, string requestedBy, DateTimeOffset at, EffectContent content, RuleUnits? units)
    {
        var verdict = string.Join(" ", content.Effects.Select(e => content.Effects.Length == 1 ? e.Verdict : $"{e.Arm}: {e.Verdict}"));
        return new()
        {
            Id = id, ExperimentId = content.Settings.Input.ExperimentId, JobRunId = jobRunId, RequestedBy = requestedBy, ComputedAt = at, Metric = content.Settings.Input.Metric,
            Verdict = verdict.Length <= EffectReportMapping.MaxVerdict ? verdict : verdict[..EffectReportMapping.MaxVerdict], Content = EffectContent.Write(content),
            Units = units?.Write() ?? [],
        };
    }
}
