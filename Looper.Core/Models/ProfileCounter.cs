using System.Collections.Immutable;
using System.Globalization;
using Looper.Core.Blueprints;
using Looper.Core.Serving;

namespace Looper.Core.Models;

/// <summary>Counts served rows into the bins of a profile. A feature that a row's version does not have is missing in it, as it is to the model.</summary>
public sealed class ProfileCounter(ImmutableArray<BinnedFeature> features)
{
    private readonly long[][] _counts = [.. features.Select(f => new long[f.Counts.Length])];
    private readonly Dictionary<string, int> _index = features.Select((f, i) => (f.Name, i)).ToDictionary(f => f.Name, f => f.i, StringComparer.Ordinal);

    public long Rows { get; private set; }

    public void Add(ImmutableArray<Feature> served, ReadOnlySpan<byte> row)
    {
        Rows++;
        foreach (var counts in _counts) counts[^1]++;
        var reader = new ServedRowReader(row);
        for (var f = 0; f < served.Length && reader.Read(); f++)
        {
            if (!_index.TryGetValue(served[f].Name, out var at)) continue;
            _counts[at][^1]--;
            _counts[at][features[at].BinOf(ServedText.Number(reader), features[at].IsNumber ? null : ServedText.Level(reader))]++;
        }
    }

    /// <summary>One count per bin of a feature, in the order of the profile.</summary>
    public ReadOnlySpan<long> Of(int feature) => _counts[feature];

    public double MissingShare(int feature) => Rows == 0 ? double.NaN : (double)_counts[feature][^1] / Rows;
}

/// <summary>A served value as a number (of a vector its length), and as a category's text (of tags one of them).</summary>
internal static class ServedText
{
    public static double Number(in ServedRowReader served) => served.Kind switch
    {
        ServedKind.Number => served.Number,
        ServedKind.True => 1,
        ServedKind.False => 0,
        ServedKind.Vector => ServedVector.Norm(served.Packed),
        _ => double.NaN,
    };

    public static string? Level(in ServedRowReader served) => served.Kind switch
    {
        ServedKind.Text => served.TextString,
        ServedKind.True => "true",
        ServedKind.False => "false",
        ServedKind.Number => served.Number.ToString("R", CultureInfo.InvariantCulture),
        ServedKind.Tags => Drawn(served.Packed),
        _ => null,
    };

    /// <summary>One of the tags, the same for the same tags; empty where there are none.</summary>
    private static string Drawn(ReadOnlySpan<byte> packed)
    {
        var tags = TagReader.Texts(packed);
        return tags.Length == 0 ? "" : tags[(int)(Assignment.Hash(packed, 0) % (uint)tags.Length)];
    }
}
