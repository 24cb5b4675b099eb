using System.Collections.Immutable;
using System.Text;

namespace Looper.Core.Decisions.Samples;

/// <summary>Pasted examples of what an app knows → features with types, counts and notes. Pure; keeps nothing.</summary>
public static class SampleInference
{
    public const int MaxBytes = 1_048_576;
    public const int MaxRows = 1_000;
    public const int MaxFields = 500;

    public static Answered<InferredSample> Infer(string text, SampleContext context)
    {
        if (Encoding.UTF8.GetByteCount(text) > MaxBytes)
            return SampleTexts.TooLarge();
        var trimmed = text.TrimStart('\uFEFF', ' ', '\t', '\r', '\n');
        if (trimmed.TrimEnd().Length == 0) return SampleTexts.Empty();
        var read = trimmed.StartsWith("curl", StringComparison.OrdinalIgnoreCase) ? CurlSample.Read(trimmed, context.OfCandidates)
            : trimmed[0] is '{' or '[' ? JsonSample.Read(text, "JSON", context.OfCandidates)
            : CsvSample.Read(text);
        if (read.Refusal is { } refusal) return refusal;
        var table = read.Value!;
        var remark = table.Rows > MaxRows ? $"The first {MaxRows} of {table.Rows} rows were read." : null;
        if (table.Columns.Count > MaxFields) return SampleTexts.TooManyFields(table.Columns.Count);
        var rows = Math.Min(table.Rows, MaxRows);
        return new InferredSample(table.Format, rows, [.. table.Columns.Select(c => FieldJudge.Judge(c, rows, context))], remark);
    }
}
