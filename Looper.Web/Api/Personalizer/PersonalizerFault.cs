using System.Globalization;
using System.Text.Json;

namespace Looper.Web.Api.Personalizer;

/// <summary>A refusal in the form of Personalizer: <c>{"error":{"code","message","target","innerError"}}</c>. Its own codes are few and coarse; Looper's, which is never renamed, is the inner one.</summary>
/// <param name="Invalid">Personalizer's code for a call of this kind that cannot be taken.</param>
internal readonly record struct PersonalizerFault(DataFault Fault, string Invalid)
{
    private int Status => Fault.Status == StatusCodes.Status422UnprocessableEntity ? StatusCodes.Status400BadRequest : Fault.Status;

    // What its gateway refused had the status as its code.
    private string Code => Status switch
    {
        StatusCodes.Status400BadRequest => Invalid,
        StatusCodes.Status404NotFound => "ResourceNotFound",
        StatusCodes.Status409Conflict => "OperationNotAllowed",
        StatusCodes.Status413PayloadTooLarge => "PayloadSizeExceeded",
        var status => status.ToString(CultureInfo.InvariantCulture),
    };

    public Task WriteAsync(HttpContext http)
    {
        http.Response.StatusCode = Status;
        http.Response.ContentType = "application/json";
        if (Fault.RetryAfter > 0) http.Response.Headers.RetryAfter = Fault.RetryAfter.ToString(CultureInfo.InvariantCulture);
        if (Status == StatusCodes.Status401Unauthorized) http.Response.Headers.WWWAuthenticate = "ApiKey";
        return AnswerBuffer.SendAsync(http.Response, this, static (json, fault) => fault.Write(json));
    }

    private void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteStartObject("error"u8);
        json.WriteString("code"u8, Code);
        json.WriteString("message"u8, Fault.Reason);
        if (Fault.Field is not null) json.WriteString("target"u8, Fault.Field);
        json.WriteStartObject("innerError"u8);
        json.WriteString("code"u8, Fault.Code);
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
