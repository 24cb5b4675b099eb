using Looper.Core.Blueprints;
using Looper.Core.Models;
using Looper.Core.Persistence;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Decisions;

/// <summary>What figures over decisions of several versions need of each: which option an index meant, and how an outcome was defined.</summary>
/// <param name="current">Stands for versions that are not known.</param>
internal sealed class PointVersions(BlueprintContent current, IReadOnlyDictionary<int, BlueprintContent> versions)
{
    private readonly IReadOnlyList<string> _now = AnswerRules.OptionKeys(current);

    /// <summary>Versions that can be read.</summary>
    public static async Task<PointVersions> ReadAsync(LooperDb db, Guid point, BlueprintContent current, CancellationToken cancel)
    {
        var texts = await db.Set<Blueprint>().AsNoTracking().Where(b => b.DecisionPointId == point).Select(b => new { b.Version, b.Content }).ToListAsync(cancel);
        var versions = new Dictionary<int, BlueprintContent>();
        foreach (var text in texts)
        {
            if (BlueprintJson.Readable(text.Content) is { } content) versions[text.Version] = content; // else named as the current one would
        }
        return new(current, versions);
    }

    /// <summary>What was answered, as it is called now, and where it stands in a list: options that are gone come last. Candidates have no names from call to
    /// call, so they are told apart by where they were sent.</summary>
    public (int Order, string Name) AnswerOf(int version, int option)
    {
        var then = versions.GetValueOrDefault(version) ?? current;
        if (then.Shape.TakesCandidates()) return ServedWords.SentPlace(option);
        if (then.Shape is DecisionShape.Value or DecisionShape.Configuration) return (0, then.Shape == DecisionShape.Value ? "value" : "configuration");
        var name = ServedWords.Option(option, then);
        for (var i = 0; i < _now.Count; i++)
        {
            if (_now[i] == name) return (i, name);
        }
        return (int.MaxValue, name);
    }

    /// <summary>The same for what outcomes are told apart by: in a ranking the place that was shown.</summary>
    public (int Order, string Name) PlaceOf(int version, int option) =>
        (versions.GetValueOrDefault(version) ?? current).Shape == DecisionShape.Ranking ? (option, $"place {option + 1}") : AnswerOf(version, option);

    /// <summary>Its decisions waited for this outcome as it is defined now.</summary>
    public bool Waits(int version, Outcome outcome) => !versions.TryGetValue(version, out var then) || VersionTable.Shares(then, outcome);
}
