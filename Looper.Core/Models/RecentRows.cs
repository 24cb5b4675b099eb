using System.Collections.Immutable;
using Looper.Core.Access;
using Looper.Core.Decisions;
using Looper.Core.Serving;

namespace Looper.Core.Models;

/// <summary>The newest logged decision, as a row that a model can be asked about.</summary>
public sealed class RecentRows(PointEventQueries events, ModelQueries models)
{
    /// <param name="number">The model whose columns are filled in.</param>
    public async Task<Answered<RecentRow>> NewestAsync(Caller caller, string key, int number, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(caller);
        if (caller.Lacks(Right.ReadRows) is { } denied) return denied;
        var model = await models.FindAsync(caller, key, number, cancel);
        if (model.Refusal is { } refusal) return refusal;
        var page = await events.DecisionsAsync(caller, key, new(), null, 1, cancel);
        if (page.Refusal is { } unread) return unread;
        if (page.Value!.Items is not [var newest, ..])
            return new Refusal("decision.none", $"Nothing has been decided on '{key}' yet, so there is no recent row. Type one, or take the ordinary values.");
        var decision = await events.DecisionAsync(caller, newest.Id, cancel);
        if (decision.Refusal is { } gone) return gone;
        return Of(decision.Value!, model.Value!.Typed.Select(f => f.Name));
    }

    private static RecentRow Of(DecisionDetail decision, IEnumerable<string> names)
    {
        var answered = decision.Candidates is [var first, ..] ? first.Features : [];
        var values = new Dictionary<string, string>();
        var masked = ImmutableArray.CreateBuilder<string>();
        foreach (var name in names)
        {
            if (name == ModelEncoder.OptionColumn) values[name] = decision.Decision.Decision;
            else if (name == Blueprints.BlueprintContent.PositionFeature) values[name] = "1"; // where candidates are compared
            else if (decision.Features.Concat(answered).FirstOrDefault(f => f.Name == name) is { Value: { } value } feature)
            {
                if (feature.IsMasked) masked.Add(name);
                else values[name] = value;
            }
        }
        return new(decision.Decision.Id, decision.Decision.Time, values, masked.ToImmutable());
    }
}

/// <param name="Values">By feature, as text; what was missing is left out.</param>
/// <param name="Masked">Features left out because they are marked personal.</param>
public sealed record RecentRow(string DecisionId, DateTimeOffset Time, IReadOnlyDictionary<string, string> Values, ImmutableArray<string> Masked);
