using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Looper.Core.Files;

namespace Looper.Core.Decisions.Import;

/// <summary>What the reading of a file leaves on disk as it goes: the rows it refused, and after each group how far it is, so that the next
/// start goes on there. A trail that a crash has torn is no trail: reading begins again, which ids of the rows' own make harmless.</summary>
public sealed class ImportTrail(string at, string refused) : IDisposable
{
    private readonly List<string> _lines = [];
    private FileStream? _rows;

    private sealed record Step(ImportResult Done, long RefusedBytes);

    /// <summary>What is done so far; null at the first start.</summary>
    public ImportResult? Resume()
    {
        Step? step = null;
        try
        {
            if (File.Exists(at)) step = JsonSerializer.Deserialize<Step>(File.ReadAllBytes(at), JsonSerializerOptions.Web);
        }
        catch (JsonException)
        {
            // Torn by a power cut.
        }
        if (File.Exists(refused) && new FileInfo(refused).Length < (step?.RefusedBytes ?? 0)) step = null;
        _rows = new FileStream(refused, FileMode.OpenOrCreate, FileAccess.Write, FileShare.Read);
        _rows.SetLength(step?.RefusedBytes ?? 0);
        _rows.Seek(0, SeekOrigin.End);
        return step?.Done;
    }

    internal void Refuse(ImmutableArray<string> header, string[] cells, ImportFault fault)
    {
        if (_rows is { Length: 0 } && _lines.Count == 0) Add([.. header, "refused_line", "refused_field", "refused_reason"]);
        Add([.. cells, fault.Line.ToString(System.Globalization.CultureInfo.InvariantCulture), fault.Field, fault.Reason]);
    }

    /// <summary>Everything up to here is in the journal, or among the refused rows.</summary>
    internal void Save(ImportResult done)
    {
        if (_lines.Count > 0)
        {
            _rows!.Write(Encoding.UTF8.GetBytes(string.Concat(_lines)));
            _rows.Flush();
            _lines.Clear();
        }
        File.WriteAllBytes(at + ".new", JsonSerializer.SerializeToUtf8Bytes(new Step(done, _rows!.Length), JsonSerializerOptions.Web));
        File.Move(at + ".new", at, overwrite: true);
    }

    /// <summary>Leaves no empty list of refused rows behind.</summary>
    public void Dispose()
    {
        var isEmpty = _rows is { Length: 0 };
        _rows?.Dispose();
        if (isEmpty) File.Delete(refused);
    }

    private void Add(IEnumerable<string> cells) => _lines.Add(string.Join(',', cells.Select(CsvText.Cell)) + "\r\n");
}
