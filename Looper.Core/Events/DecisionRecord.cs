using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Looper.Core.Serving;
using Looper.Core.Serving.Candidates;

namespace Looper.Core.Events;

[Flags]
public enum RecordMarks : byte
{
    None = 0,
    Simulated = 1,
    Imported = 2,
    Default = 4,
}

/// <summary>A decision as it is journaled: everything that the answer said, and the features exactly as served.</summary>
public sealed record DecisionRecord
{
    private readonly Guid _made; // default where the id is a text
    private string? _id;

    public DecisionRecord()
    {
    }

    /// <param name="made">The id where the caller gave none. Its text is written when somebody asks for it: storing and answering need the number alone.</param>
    public DecisionRecord(Guid made) => _made = made;

    /// <summary>The caller's idempotency key, or a UUID v7. 1 to 128 characters. Unique over the installation. Set to null it is the one that was made here.</summary>
    /// <exception cref="ArgumentNullException">It is null, and none was made.</exception>
    [AllowNull]
    public required string Id
    {
        get => _id ??= _made.ToString("D");
        init
        {
            if (value is not null) (_id, _made) = (value, default);
            else if (_made == default) throw new ArgumentNullException(nameof(value), "Give an id, or the number of one that was made.");
        }
    }

    /// <summary>The id as a number where it was made here; null for one that the caller gave, or that was read.</summary>
    public Guid? MadeId => _made == default ? null : _made;

    public required Guid DecisionPointId { get; init; }
    public required string Unit { get; init; }
    public required DateTimeOffset Time { get; init; }
    public required int BlueprintVersion { get; init; }

    /// <summary>Index into the blueprint's options, or of the first candidate of the answer as it was sent; −1 for <c>value</c> and <c>configuration</c>.</summary>
    public required int Option { get; init; }

    /// <summary>The answer of a <c>value</c> decision; NaN otherwise.</summary>
    public double Value { get; init; } = double.NaN;

    /// <summary>Probability with which this option was chosen for this unit and context, exact; in (0, 1]. NaN where unknown (imported).</summary>
    public required double Propensity { get; init; }

    public required Reason Reason { get; init; }

    /// <summary>The experiment that covered the unit, and the index of its arm; null and −1 outside.</summary>
    public Guid? ExperimentId { get; init; }

    public int Arm { get; init; } = -1;

    /// <summary>Highest number among the models used; 0 without one.</summary>
    public int ModelNumber { get; init; }

    public RecordMarks Marks { get; init; }

    /// <summary>The features in the blueprint's order, in the format of <see cref="ServedRow"/>.</summary>
    public required ReadOnlyMemory<byte> Served { get; init; }

    /// <summary>Ids, order, propensities and features of the candidates, in the format of <see cref="ServedCandidates"/>; empty where none were sent.</summary>
    public ReadOnlyMemory<byte> Candidates { get; init; }

    /// <summary>One score per option or candidate (or one for <c>value</c>); empty where no model scored.</summary>
    public ImmutableArray<double> Scores { get; init; } = [];

    /// <summary>JSON of the answer of a <c>configuration</c> decision; empty otherwise.</summary>
    public ReadOnlyMemory<byte> Configuration { get; init; }

    /// <summary>Hash of the canonical request: the same id with another hash is a conflict.</summary>
    public ulong RequestHash { get; init; }
}
