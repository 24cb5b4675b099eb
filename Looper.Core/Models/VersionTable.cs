using System.Collections.Immutable;
using Looper.Core.Blueprints;

namespace Looper.Core.Models;

/// <summary>
/// Which data of earlier blueprint versions the current one may learn from. A version is compatible when it has the same shape
/// and unit, and gives every feature it shares with the current one the same kind; an outcome's labels count only where the
/// outcome was defined alike (kind, window, aggregation, value when absent). A feature a version lacks is missing in its rows;
/// one that was derived in another way
/// then meant something else, and counts as missing too; a decision for an option that no longer exists is left out.
/// </summary>
public sealed class VersionTable
{
    private readonly BlueprintContent _current;
    private readonly bool _recalls;
    private readonly Dictionary<int, ImmutableArray<HistoryDerivation>> _recalled = [];
    private readonly ImmutableDictionary<int, BlueprintContent> _compatible;

    /// <param name="recalls">Histories that a version did not serve stand at the end of its features, to be filled in from the journal.</param>
    /// <param name="asServed">A feature is what its version made it, by whatever rule: for scoring again what was served, not for learning.</param>
    public VersionTable(BlueprintContent current, IEnumerable<KeyValuePair<int, BlueprintContent>> versions, bool recalls = false, bool asServed = false)
    {
        ArgumentNullException.ThrowIfNull(current);
        (_current, _recalls) = (current, recalls);
        _compatible = versions.Where(v => IsCompatible(current, v.Value)).ToImmutableDictionary(v => v.Key, v => WithRecalled(v.Key, asServed ? v.Value : AsNow(current, v.Value)));
    }

    /// <summary>Candidates are shown in an order: one row per place.</summary>
    internal bool IsRanking => _current.Shape == DecisionShape.Ranking;

    /// <summary>Rows that one decision may give.</summary>
    internal int RowsPerDecision => IsRanking ? Math.Max(1, _current.Positions ?? 1) : 1;

    public IEnumerable<int> Versions => _compatible.Keys.Order();

    /// <summary>Null when nothing may be learned from decisions of this version.</summary>
    public BlueprintContent? Find(int version) => _compatible.GetValueOrDefault(version);

    /// <summary>The longest window of each outcome whose history is to be filled in; empty for none.</summary>
    internal Dictionary<string, TimeSpan> Recalls => _recalls ? RecalledRow.Windows(_current) : [];

    /// <summary>How long each outcome may take to come, after which what a file reports of it was surely known.</summary>
    internal Dictionary<string, TimeSpan> Delays => _current.Outcomes.ToDictionary(o => o.Name, o => o.Window);

    /// <summary>Histories at the end of this version's features that its decisions were not served with.</summary>
    public ImmutableArray<HistoryDerivation> Recalled(int version) => _recalled.GetValueOrDefault(version, []);

    public bool SharesOutcome(int version, Outcome outcome) => Find(version) is { } then && Shares(then, outcome);

    /// <summary>A blueprint defines the outcome alike: where it does not, what is absent from its decisions was never waited for, and is not the value when absent.</summary>
    public static bool Shares(BlueprintContent version, Outcome outcome) =>
        version.Outcomes.FirstOrDefault(o => o.Name == outcome.Name) is { } then
        && (then.Kind, then.Window, then.Aggregation, then.Absent) == (outcome.Kind, outcome.Window, outcome.Aggregation, outcome.Absent);

    /// <summary>The option's index in the current version; −1 when it is gone. For a value or a candidate every row counts.</summary>
    public int CurrentOption(int version, int option)
    {
        if (!_current.Shape.HasOptions()) return 0;
        if (Find(version) is not { } then || option < 0 || option >= then.Options.Length) return -1;
        var key = then.Options[option].Key;
        for (var i = 0; i < _current.Options.Length; i++)
        {
            if (_current.Options[i].Key == key) return i;
        }
        return -1;
    }

    /// <summary>Features that another rule made then go by a name that no feature can have.</summary>
    private static BlueprintContent AsNow(BlueprintContent current, BlueprintContent then)
    {
        ImmutableArray<Feature> Renamed(ImmutableArray<Feature> features, ImmutableArray<Feature> now) =>
            [.. features.Select(f => now.FirstOrDefault(n => n.Name == f.Name) is { } same && same.Derived?.InWords != f.Derived?.InWords ? f.AsItWas() : f)];
        return then with { Features = Renamed(then.Features, current.Features), CandidateFeatures = Renamed(then.CandidateFeatures, current.CandidateFeatures) };
    }

    private BlueprintContent WithRecalled(int version, BlueprintContent then)
    {
        if (!_recalls) return then;
        ImmutableArray<Feature> missing = [.. _current.Features.Where(f => f.Derived is HistoryDerivation && then.Features.All(t => t.Name != f.Name))];
        if (missing.IsEmpty) return then;
        _recalled[version] = [.. missing.Select(f => (HistoryDerivation)f.Derived!)];
        return then with { Features = then.Features.AddRange(missing) };
    }

    private static bool IsCompatible(BlueprintContent current, BlueprintContent then) =>
        then.Shape == current.Shape && then.UnitName == current.UnitName
        && then.AllFeatures.All(f => current.AllFeatures.FirstOrDefault(c => c.Name == f.Name) is not { } now || now.Kind == f.Kind);
}
