namespace Looper.Core.Ledger;

/// <summary>The newest measurement of a decision point's gain. One a decision point.</summary>
public sealed class LedgerEntry
{
    public Guid Id { get; init; }
    public Guid DecisionPointId { get; init; }
    public DateTimeOffset MeasuredAt { get; private set; }

    /// <summary>JSON of a <see cref="Gain"/>.</summary>
    public string Content { get; private set; } = "";

    /// <summary>Concurrency token.</summary>
    public long Revision { get; set; }

    public void Measured(string content, DateTimeOffset at) => (Content, MeasuredAt) = (content, at);
}
