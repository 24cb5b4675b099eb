using Looper.Core.Policies;

namespace Looper.Core.Ledger;

/// <summary>The newest measurement of a decision point's gain. One a decision point.</summary>
public sealed class LedgerEntry
{
    public Guid Id { get; init; }
    public Guid DecisionPointId { get; init; }
    public DateTimeOffset MeasuredAt { get; private set; }

    /// <summary>JSON of a <see cref="Gain"/> without its course: lists read it for every decision point.</summary>
    public string Content { get; private set; } = "";

    /// <summary>JSON of its <see cref="GainCourse"/>.</summary>
    public string Course { get; private set; } = "";

    /// <summary>Concurrency token.</summary>
    public long Revision { get; set; }

    public void Measured(Gain gain)
    {
        ArgumentNullException.ThrowIfNull(gain);
        (MeasuredAt, Content, Course) = (gain.MeasuredAt, PolicyJson.Write(gain with { Course = [], Launches = [] }), PolicyJson.Write(new GainCourse(gain.Course, gain.Launches)));
    }

    public Gain Gain()
    {
        var course = PolicyJson.Read<GainCourse>(Course);
        return PolicyJson.Read<Gain>(Content) with { Course = course.Points, Launches = course.Launches };
    }
}
