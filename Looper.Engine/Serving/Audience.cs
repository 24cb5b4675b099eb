using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Looper.Core.Blueprints;

namespace Looper.Core.Serving;

public enum AudienceRule : byte
{
    Is,
    IsNot,
    AtLeast,
    Below,
    Contains,
    Lacks,
}

/// <summary>A condition on a feature of the context. A missing value passes only <see cref="AudienceRule.IsNot"/> and
/// <see cref="AudienceRule.Lacks"/>.</summary>
/// <param name="Value">A category, a tag, <c>yes</c> or <c>no</c>, or a number.</param>
public sealed record AudienceSource(string Feature, AudienceRule Rule, string Value);

/// <summary>Whom an experiment is for, compiled: all conditions must hold for the context as read by the current version.</summary>
internal sealed class Audience
{
    private readonly Condition[] _conditions;

    private Audience(Condition[] conditions) => _conditions = conditions;

    private readonly record struct Condition(int Feature, AudienceRule Rule, double Number, bool Yes, byte[] Text);

    /// <summary>Null for everyone; refused when a feature is not there.</summary>
    public static Answered<Audience?> Compile(ImmutableArray<AudienceSource> sources, ImmutableArray<Feature> features)
    {
        if (sources.IsDefaultOrEmpty) return new(null, null);
        var conditions = new Condition[sources.Length];
        for (var i = 0; i < sources.Length; i++)
        {
            var source = sources[i];
            var index = features.IndexOf(features.FirstOrDefault(f => f.Name == source.Feature)!);
            if (index < 0) return new Refusal("experiment.invalid", $"the audience asks for feature '{source.Feature}', which is not there", "audience");
            var number = double.TryParse(source.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var parsed) ? parsed : double.NaN;
            conditions[i] = new(index, source.Rule, number, source.Value == "yes", Encoding.UTF8.GetBytes(source.Value));
        }
        return new(new Audience(conditions), null);
    }

    /// <param name="workspace">Holds the values of the current version.</param>
    public bool Holds(DecisionWorkspace workspace, ReadOnlySpan<byte> context)
    {
        foreach (ref readonly var condition in _conditions.AsSpan())
        {
            if (!Holds(condition, workspace, context)) return false;
        }
        return true;
    }

    private static bool Holds(in Condition condition, DecisionWorkspace workspace, ReadOnlySpan<byte> context)
    {
        ref readonly var value = ref workspace.Values[condition.Feature];
        if (condition.Rule is AudienceRule.AtLeast) return value.Kind == ServedKind.Number && value.Number >= condition.Number;
        if (condition.Rule is AudienceRule.Below) return value.Kind == ServedKind.Number && value.Number < condition.Number;
        if (condition.Rule is AudienceRule.Contains or AudienceRule.Lacks)
            return (value.Kind == ServedKind.Tags && TagReader.Contains(workspace.TextOf(value, context), condition.Text)) == (condition.Rule == AudienceRule.Contains);
        var equal = value.Kind switch
        {
            ServedKind.Text => workspace.TextOf(value, context).SequenceEqual(condition.Text),
            ServedKind.True => condition.Yes,
            ServedKind.False => !condition.Yes,
            ServedKind.Number => value.Number == condition.Number,
            _ => false,
        };
        return equal == (condition.Rule == AudienceRule.Is);
    }
}
