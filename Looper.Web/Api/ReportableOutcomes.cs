using System.Text;
using Looper.Core.Access;
using Looper.Core.Serving;

namespace Looper.Web.Api;

/// <summary>The outcomes that a key may report on, for one call or all items of a batch.</summary>
internal sealed class ReportableOutcomes(OutcomeTable outcomes, ApiKeyGrant grant)
{
    private Dictionary<string, DataFault>? _unknown;

    /// <inheritdoc cref="OutcomeTable.Find"/>
    /// <returns>Empty also where only decision points have it that the key may not use.</returns>
    public ReadOnlySpan<OutcomeUse> Find(ReadOnlySpan<byte> utf8Name, out string name)
    {
        var uses = outcomes.Find(utf8Name, out name);
        foreach (var use in uses)
        {
            if (Allows(use)) return uses;
        }
        return [];
    }

    public bool Allows(OutcomeUse use) => grant.Allows(use.DecisionPointId);

    /// <summary>What is said of a name that there is not; the one that may be meant is sought among all, once for each.</summary>
    public DataFault Unknown(string name)
    {
        var shown = name.Length <= 64 ? name : name[..64] + "…";
        _unknown ??= new(StringComparer.Ordinal);
        if (_unknown.TryGetValue(shown, out var said)) return said;
        var nearest = outcomes.Names.Where(n => !Find(Encoding.UTF8.GetBytes(n), out _).IsEmpty)
            .Select(n => (Name: n, Distance: Spelling.Distance(n, shown))).OrderBy(n => n.Distance).FirstOrDefault();
        var hint = nearest.Name is not null && nearest.Distance <= Math.Max(2, shown.Length / 3) ? $" Did you mean '{nearest.Name}'?" : " Add it to the blueprint, or correct its name.";
        return _unknown[shown] = new(422, "outcome.unknown", $"There is no outcome '{shown}'.{hint}", $"outcomes.{shown}");
    }
}
