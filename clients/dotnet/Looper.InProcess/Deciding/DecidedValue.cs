using System.Buffers;
using System.Text.Json;
using Looper.Client.Calls;
using Looper.Client.Deciding;
using Looper.Core.Blueprints;
using Made = Looper.Core.Serving.Decision;

namespace Looper.InProcess.Deciding;

/// <summary>What was decided on as the type that the product expects, by the rules that an answer of Looper is read by.</summary>
internal static class DecidedValue
{
    /// <returns>Null where it fits.</returns>
    public static Failure? Read<T>(in Made made, out T value)
    {
        if (typeof(T) == typeof(string) && made is { Answer.Option: >= 0 and var option, Blueprint.Answers: { Shape: DecisionShape.Choice } answers })
        {
            value = (T)(object)answers.Options[option]; // the commonest, without a way through JSON
            return null;
        }
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes, SentValues.Writing)) MadeDecision.WriteAnswer(json, made);
        using var document = JsonDocument.Parse(bytes.WrittenMemory);
        return DecisionJson.Read(document.RootElement, out value);
    }
}
