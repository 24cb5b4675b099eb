using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Looper.Core.Backups;

/// <param name="Path">Under the backup's folder, with '/'.</param>
/// <param name="Sha256">Of its bytes, in hexadecimal.</param>
public sealed record BackupFile(string Path, long Bytes, string Sha256);

/// <summary>What a backup holds, written last: a folder without one is no backup.</summary>
/// <param name="Format">Of the backup; a restore takes this one or an older one.</param>
/// <param name="Migration">Last migration of <c>looper.db</c>; null where a server holds that database.</param>
/// <param name="Events">Version of <c>events.db</c>.</param>
/// <param name="Corrupt">Records of <c>events.db</c> that fail their checksum, here as in the data directory: they are left out of everything.</param>
/// <param name="Checksum">SHA-256 of everything else.</param>
public sealed record BackupManifest(
    string Product, int Format, DateTimeOffset MadeAt, DatabaseKind Database, string? Migration, long Events, long Decisions, long Observations,
    IReadOnlyList<BackupFile> Files, string Checksum, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] long Corrupt = 0)
{
    public const string Name = "manifest.json", ProductName = "Looper backup";
    public const int CurrentFormat = 1;

    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web) { WriteIndented = true, Converters = { new JsonStringEnumConverter() } };

    public string Write() => JsonSerializer.Serialize(this with { Checksum = Sum() }, s_json);

    /// <returns>Null for a text that is no manifest.</returns>
    public static BackupManifest? Read(string text)
    {
        try
        {
            return JsonSerializer.Deserialize<BackupManifest>(text, s_json) is { Product: ProductName, Files: not null } manifest ? manifest : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    [JsonIgnore]
    public bool IsWhole => Checksum == Sum();

    private string Sum() => Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(this with { Checksum = "" }, s_json)));
}
