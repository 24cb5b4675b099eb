using System.Text;
using System.Text.Json;
using Looper.Core.Blueprints;
using Looper.Core.Decisions;
using Looper.Core.Serving;

namespace Looper.Web.Api.InProcess;

/// <summary>What an app answered, in the terms of the version that it decided by.</summary>
internal static class MadeAnswers
{
    /// <param name="decision">A JSON value.</param>
    /// <param name="isOfArm">An experiment's arm may have a fixed number outside of the range that the version chooses in.</param>
    public static DataFault? Read(ReadOnlySpan<byte> decision, AnswerSet answers, bool isOfArm, out Answer answer)
    {
        answer = default;
        if (TextOf(decision, answers.Shape) is not { } text || answers.Parse(text) is not { } known || !(isOfArm || answers.Reaches(known)))
            return DataFault.Invalid("decision", $"this must be {Must(answers)}, as the version that decided knows it.");
        answer = known;
        return null;
    }

    private static string? TextOf(ReadOnlySpan<byte> decision, DecisionShape shape)
    {
        var reader = new Utf8JsonReader(decision, DataJson.Options);
        reader.Read();
        var fits = shape switch
        {
            DecisionShape.Binary => reader.TokenType is JsonTokenType.True or JsonTokenType.False,
            DecisionShape.Choice => reader.TokenType == JsonTokenType.String,
            DecisionShape.Value => reader.TokenType == JsonTokenType.Number,
            _ => reader.TokenType == JsonTokenType.StartObject,
        };
        if (!fits) return null;
        if (shape != DecisionShape.Choice) return Encoding.UTF8.GetString(decision);
        try
        {
            return reader.GetString();
        }
        catch (InvalidOperationException) // half of a surrogate pair
        {
            return null;
        }
    }

    private static string Must(AnswerSet answers) => answers.Shape switch
    {
        DecisionShape.Binary => "true or false",
        DecisionShape.Choice => $"the key of an option ({Words.List(answers.Options, "or")})",
        DecisionShape.Value => "a number within its range",
        _ => "an object with an allowed value for each parameter",
    };
}
