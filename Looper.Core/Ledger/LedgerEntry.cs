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

    /// <summary>JSON of what the next measurement needs; empty where nothing could be counted.</summary>
    public string Memory { get; private set; } = "";

    /// <summary>Concurrency token.</summary>
    public long Revision { get; set; }

    public void Measured(MeasuredGain measured)
    {
        ArgumentNullException.ThrowIfNull(measured);
        var gain = measured.Gain;
        (MeasuredAt, Content, Course) = (gain.MeasuredAt, PolicyJson.Write(gain with { Course = [], Launches = [] }), PolicyJson.Write(new GainCourse(gain.Course, gain.Launches)));
        Memory = measured.Memory is { } memory ? PolicyJson.Write(memory) : "";
    }

    internal GainMemory? Remembered() => Memory.Length == 0 ? null : PolicyJson.Read<GainMemory>(Memory);

    public Gain Gain() => GainOf(Content, Course);

    internal static Gain GainOf(string content, string course)
    {
        var read = PolicyJson.Read<GainCourse>(course);
        return PolicyJson.Read<Gain>(content) with { Course = read.Points, Launches = read.Launches };
    }
}
