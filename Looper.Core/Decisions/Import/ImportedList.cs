using System.Text;
using Looper.Core.Blueprints;
using Looper.Core.Serving;

namespace Looper.Core.Decisions.Import;

/// <summary>Tags and vectors in a cell: a JSON array, or parts between <c>|</c>.</summary>
internal static class ImportedList
{
    /// <returns>Bytes written; 0 with a reason where the cell does not fit.</returns>
    public static int Serve(Feature feature, string cell, Span<byte> to, out string reason)
    {
        reason = "";
        var written = feature.Kind == FeatureKind.Tags ? Tags(cell, to, out reason) : Vector(feature.Dimension ?? 0, cell, to);
        if (written == 0 && reason.Length == 0) reason = feature.Kind == FeatureKind.Tags ? ImportTexts.NotTags(cell) : ImportTexts.NotAVector(cell, feature.Dimension ?? 0);
        return written;
    }

    private static int Tags(string cell, Span<byte> to, out string reason)
    {
        reason = "";
        if (ListText.Read(cell) is not { } tags) return 0;
        var set = new TagSet();
        foreach (var tag in tags)
        {
            if (tag.Length > ImportRow.MaxText) reason = ImportTexts.TooLong();
            else if (!set.Add(Encoding.UTF8.GetBytes(tag))) reason = ImportTexts.TooManyTags(tags.Length);
            if (reason.Length > 0) return 0;
        }
        var packed = new byte[set.PackedLength];
        set.Pack(packed);
        return ServedRow.WritePacked(to, ServedKind.Tags, packed);
    }

    private static int Vector(int dimension, string cell, Span<byte> to)
    {
        if (ListText.Numbers(cell) is not { } numbers || numbers.Length != dimension) return 0;
        var packed = new byte[dimension * ServedVector.BytesPerNumber];
        for (var i = 0; i < dimension; i++) if (!ServedVector.TryWrite(packed, i, numbers[i])) return 0;
        return ServedRow.WritePacked(to, ServedKind.Vector, packed);
    }
}
