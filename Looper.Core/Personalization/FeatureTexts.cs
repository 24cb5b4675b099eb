using System.Collections.Immutable;
using System.Globalization;
using Looper.Core.Blueprints;
using Looper.Core.Causal;
using Looper.Core.Learning;

namespace Looper.Core.Personalization;

/// <summary>Conditions on columns as people read them, and as a blueprint's rule has them.</summary>
/// <param name="columns">The columns.</param>
/// <param name="booleans">Names of those whose 0 and 1 mean no and yes.</param>
/// <param name="bracketsAreTags">A name with brackets is a tag of a feature, as blueprints have it; a file may have such names for anything.</param>
public sealed class FeatureTexts(ImmutableArray<Column> columns, ImmutableHashSet<string> booleans, bool bracketsAreTags = true)
{
    /// <summary>A condition, or its opposite: <c>cartValue is at most 50</c>, <c>country is not NL</c>.</summary>
    public string Of(SegmentCondition condition)
    {
        var column = columns[condition.Column];
        if (column.Kind == ColumnKind.Category) return $"{column.Name} is {(condition.Holds ? "" : "not ")}{Level(column, (int)condition.Cut)}";
        if (IsFlag(column) && condition.Cut >= 1) return $"{NameOf(column)} is {(condition.Holds ? "known" : "missing")}";
        if (TagOf(column) is { } tag) return $"{NameOf(column)} {(condition.Holds ? "does not contain" : "contains")} {tag}{(condition.Holds ? "" : " or is missing")}";
        if (booleans.Contains(column.Name)) return $"{column.Name} is {(condition.Holds ? "no" : "yes or missing")}";
        return condition.Holds ? $"{column.Name} is at most {Number(condition.Cut)}" : $"{column.Name} is above {Number(condition.Cut)} or missing";
    }

    /// <summary>A range or level of a feature.</summary>
    public string Of(int column, FeatureEffect group)
    {
        var of = columns[column];
        if (group.IsOther) return of.Kind == ColumnKind.Category ? $"{of.Name}: another or missing" : $"{of.Name}: missing";
        if (group.Level >= 0) return $"{of.Name}: {Level(of, group.Level)}";
        if (IsFlag(of)) return $"{of.Name}: {(group.High < 1 ? "no" : "yes")}";
        if (group.Low == group.High) return $"{of.Name}: {Number(group.High)}";
        if (double.IsNegativeInfinity(group.Low)) return double.IsPositiveInfinity(group.High) ? $"{of.Name}: any" : $"{of.Name}: up to {Number(group.High)}";
        return double.IsPositiveInfinity(group.High) ? $"{of.Name}: above {Number(group.Low)}" : $"{of.Name}: {Number(group.Low)} to {Number(group.High)}";
    }

    /// <summary>A rule whose leaves are arms as one whose leaves are options.</summary>
    /// <param name="tree">The rule.</param>
    /// <param name="options">The option of every arm.</param>
    public RuleNode Rule(PolicyTree tree, IReadOnlyList<string> options)
    {
        ArgumentNullException.ThrowIfNull(tree);
        if (tree.IsLeaf) return new() { Option = options[tree.Arm] };
        var column = columns[tree.Column];
        var (feature, tag) = (NameOf(column), TagOf(column));
        RuleNode then = Rule(tree.Then!, options), other = Rule(tree.Else!, options);
        if (!IsFlag(column))
        {
            return new()
            {
                Feature = feature, Then = then, Else = other, AtMost = column.Kind == ColumnKind.Number ? tree.Cut : null,
                Is = column.Kind == ColumnKind.Category ? column.Categories[(int)tree.Cut] : null,
            };
        }
        // no and yes are both at or below 1: the value is known, which takes two conditions
        if (tree.Cut >= 1) other = new() { Feature = feature, Is = tag is null ? "true" : null, Contains = tag, Then = then, Else = other };
        return new() { Feature = feature, Is = tag is null ? "false" : null, Lacks = tag, Then = then, Else = other };
    }

    private bool IsFlag(Column column) => booleans.Contains(column.Name) || TagOf(column) is not null;

    private string NameOf(Column column) => TagOf(column) is null ? column.Name : Column.FeatureOf(column.Name);

    /// <summary>The tag whose presence, 0 or 1, a column holds; null for any other column.</summary>
    private string? TagOf(Column column) => bracketsAreTags && Column.FeatureOf(column.Name) is var feature && feature != column.Name ? column.Name[(feature.Length + 1)..^1] : null;

    private static string Level(Column column, int code) => code >= 0 && code < column.Categories.Length ? column.Categories[code] is { Length: > 0 } level ? level : "(empty)" : "?";

    private static string Number(double value) => value.ToString("G6", CultureInfo.InvariantCulture);
}
