using System.Collections.Immutable;
using System.Globalization;
using Looper.Core.Blueprints;
using Looper.Core.Learning;

namespace Looper.Core.Serving;

/// <summary>How tags and vectors stand in a model's columns: <c>interests</c> is the number of tags and <c>interests[sport]</c> whether one is there, 0 or 1;
/// <c>embedding[3]</c> is a number of a vector, counted from 0. They are ordinary columns, so every learner and every explanation takes them as such.</summary>
public static class ListColumns
{
    /// <summary>Tags of one feature that have a column, the commonest; the others count in the number of tags alone.</summary>
    public const int MostTags = 256;

    /// <summary>Numbers of all vectors of a blueprint together.</summary>
    public const int MostNumbers = 512;

    /// <summary>Columns of all tags and vectors together: what is left by the vectors is shared among the tags. A linear model, with two coefficients a column,
    /// takes that many.</summary>
    public const int Most = 768;

    public static string OfTag(string feature, string tag) => $"{feature}[{tag}]";

    public static string OfNumber(string feature, int at) => string.Create(CultureInfo.InvariantCulture, $"{feature}[{at}]");

    /// <summary>Tags of each feature that have a column, and the vectors for which there is no room.</summary>
    /// <param name="most">Columns of all tags and vectors together.</param>
    public static (int TagsEach, ImmutableHashSet<string> LeftOut) Share(ImmutableArray<Feature> features, int most)
    {
        var (room, left) = (most, ImmutableHashSet.CreateBuilder<string>(StringComparer.Ordinal));
        foreach (var vector in features.Where(f => f.Kind == FeatureKind.Vector))
        {
            if (vector.Dimension <= room) room -= vector.Dimension.Value;
            else left.Add(vector.Name);
        }
        var tags = features.Count(f => f.Kind == FeatureKind.Tags);
        return (tags == 0 ? 0 : Math.Min(MostTags, room / tags), left.ToImmutable());
    }

    /// <summary>The columns of one feature; none for a time.</summary>
    /// <param name="levels">Of a category or of tags: those that the model tells apart.</param>
    public static IEnumerable<Column> Of(Feature feature, ImmutableArray<string> levels)
    {
        ArgumentNullException.ThrowIfNull(feature);
        return feature.Kind switch
        {
            FeatureKind.Time => [],
            FeatureKind.Category => [new(feature.Name, ColumnKind.Category, levels)],
            FeatureKind.Tags => [new(feature.Name, ColumnKind.Number, []), .. levels.Select(tag => new Column(OfTag(feature.Name, tag), ColumnKind.Number, []))],
            FeatureKind.Vector => Enumerable.Range(0, feature.Dimension ?? 0).Select(i => new Column(OfNumber(feature.Name, i), ColumnKind.Number, [])),
            _ => [new(feature.Name, ColumnKind.Number, [])],
        };
    }
}
