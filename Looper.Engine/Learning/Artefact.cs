using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Looper.Core.Learning;

/// <summary>The bytes of a trained predictor: our own versioned, checksummed format that is data, never code.</summary>
/// <remarks>"LPRM", version (2 bytes), reserved (2), payload length (4), SHA-256 of the payload (32), payload. All numbers little-endian. The
/// payload is columns, calibration, predictor; see <see cref="ArtefactWriter"/>.</remarks>
public static class Artefact
{
    /// <summary>The largest artefact that is read, in bytes.</summary>
    public const int MaxBytes = 256 << 20;

    internal const int Version = 1, HeaderBytes = 44;

    private static ReadOnlySpan<byte> Magic => "LPRM"u8;

    /// <summary>The bytes of a predictor; equal predictors give equal bytes.</summary>
    /// <param name="trained">Trees, a linear model, a network or an average of those.</param>
    /// <exception cref="UnlearnableException">The predictor exceeds <see cref="MaxBytes"/>.</exception>
    public static byte[] Write(TrainedPredictor trained)
    {
        var writer = new ArtefactWriter();
        writer.Write(trained);
        var payload = writer.Payload;
        if (payload.Length > MaxBytes - HeaderBytes)
            throw new UnlearnableException(new("artefact.too-large", $"The model takes {payload.Length >> 20} MiB; at most {MaxBytes >> 20} are kept. Use fewer trees."));
        var bytes = new byte[HeaderBytes + payload.Length];
        Magic.CopyTo(bytes);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(4), Version);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(8), payload.Length);
        SHA256.HashData(payload, bytes.AsSpan(12));
        payload.CopyTo(bytes.AsSpan(HeaderBytes));
        return bytes;
    }

    /// <summary>The predictor that was written, or <c>artefact.invalid</c> with the reason: foreign, newer, cut short, changed, or out of bounds.</summary>
    /// <param name="bytes">Anything; nothing in it is trusted. What is allocated is bounded by its length.</param>
    public static Answered<TrainedPredictor> Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > MaxBytes) return Invalid($"it has {bytes.Length} bytes, more than {MaxBytes}");
        if (bytes.Length < HeaderBytes || !bytes.StartsWith(Magic)) return Invalid("it is not a Looper model");
        if (BinaryPrimitives.ReadUInt16LittleEndian(bytes[4..]) is not Version and var version) return Invalid($"its format {version} is not known here, only {Version}");
        if (BinaryPrimitives.ReadUInt16LittleEndian(bytes[6..]) != 0) return Invalid("its header has unknown marks");
        var payload = bytes[HeaderBytes..];
        if (BinaryPrimitives.ReadInt32LittleEndian(bytes[8..]) != payload.Length) return Invalid("it is cut short or has bytes too many");
        if (!SHA256.HashData(payload).AsSpan().SequenceEqual(bytes[12..HeaderBytes])) return Invalid("its checksum is wrong: it was changed after it was written");
        try
        {
            return new ArtefactReader(payload).Read();
        }
        catch (ArtefactFault fault)
        {
            return Invalid(fault.Message);
        }
    }

    private static Refusal Invalid(string why) => new("artefact.invalid", $"The model cannot be read: {why}.");
}

/// <summary>Why bytes are not a predictor; never leaves <see cref="Artefact.Read"/>.</summary>
internal sealed class ArtefactFault(string message) : Exception(message);
