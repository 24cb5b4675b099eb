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
    private readonly ImmutableDictionary<int, BlueprintContent> _compatible;

    public VersionTable(BlueprintContent current, IEnumerable<KeyValuePair<int, BlueprintContent>> versions)
    {
        ArgumentNullException.ThrowIfNull(current);
        _current = current;
        _compatible = versions.Where(v => IsCompatible(current, v.Value)).ToImmutableDictionary(v => v.Key, v => AsNow(current, v.Value));
    }

    public IEnumerable<int> Versions => _compatible.Keys.Order();

    /// <summary>Null when nothing may be learned from decisions of this version.</summary>
    public BlueprintContent? Find(int version) => _compatible.GetValueOrDefault(version);

    public bool SharesOutcome(int version, Outcome outcome) =>
        Find(version)?.Outcomes.FirstOrDefault(o => o.Name == outcome.Name) is { } then
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
            [.. features.Select(f => now.FirstOrDefault(n => n.Name == f.Name) is { } same && same.Derived?.InWords != f.Derived?.InWords ? f with { Name = $"@was.{f.Name}" } : f)];
        return then with { Features = Renamed(then.Features, current.Features), CandidateFeatures = Renamed(then.CandidateFeatures, current.CandidateFeatures) };
    }

    private static bool IsCompatible(BlueprintContent current, BlueprintContent then) =>
        then.Shape == current.Shape && then.UnitName == current.UnitName
        && then.AllFeatures.All(f => current.AllFeatures.FirstOrDefault(c => c.Name == f.Name) is not { } now || now.Kind == f.Kind);
}
