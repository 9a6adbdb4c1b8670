-- The metrics that a rate can have, and the numbers and currencies of a definition.

CREATE FUNCTION koku_internal.cost_metrics()
RETURNS TABLE (metric text, cost_type text, metric_type text, may_be_plain boolean, may_be_tag boolean)
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
VALUES
    ('cpu_core_usage_per_hour', 'Supplementary', 'cpu', true, true),
    ('cpu_core_request_per_hour', 'Supplementary', 'cpu', true, true),
    ('cpu_core_effective_usage_per_hour', 'Supplementary', 'cpu', true, true),
    ('memory_gb_usage_per_hour', 'Supplementary', 'memory', true, true),
    ('memory_gb_request_per_hour', 'Supplementary', 'memory', true, true),
    ('memory_gb_effective_usage_per_hour', 'Supplementary', 'memory', true, true),
    ('storage_gb_usage_per_month', 'Supplementary', 'storage', true, true),
    ('storage_gb_request_per_month', 'Supplementary', 'storage', true, true),
    ('node_core_cost_per_hour', 'Infrastructure', 'node', true, true),
    ('cluster_core_cost_per_hour', 'Infrastructure', 'cluster', true, false),
    ('cluster_cost_per_hour', 'Infrastructure', 'cluster', true, false),
    ('node_cost_per_month', 'Infrastructure', 'node', true, true),
    ('node_core_cost_per_month', 'Infrastructure', 'node', true, true),
    ('cluster_cost_per_month', 'Infrastructure', 'cluster', true, false),
    ('pvc_cost_per_month', 'Infrastructure', 'pvc', true, true),
    ('vm_cost_per_hour', 'Infrastructure', 'vm', true, true),
    ('vm_cost_per_month', 'Infrastructure', 'vm', true, true),
    ('vm_core_cost_per_hour', 'Infrastructure', 'vm', true, true),
    ('vm_core_cost_per_month', 'Infrastructure', 'vm', true, true),
    ('project_per_month', 'Infrastructure', 'project', false, true),
    ('gpu_cost_per_month', 'Infrastructure', 'gpu', false, true);
$$;
COMMENT ON FUNCTION koku_internal.cost_metrics() IS
'The metrics of rates: the cost type that a rate has when it names none, and whether it may be plain or go by a tag '
'(forms that would never charge are left out).';

CREATE FUNCTION koku_internal.cost_type_of(given text, fallback text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
SELECT CASE WHEN initcap(given) IN ('Infrastructure', 'Supplementary') THEN initcap(given) ELSE fallback END;
$$;
COMMENT ON FUNCTION koku_internal.cost_type_of(text, text) IS
'A cost type as cost rows have it, whatever its letter case; the fallback for anything else, NULL too.';

CREATE FUNCTION koku_internal.is_currency(code text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
SELECT code = ANY (string_to_array(
    'AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF'
    ' CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD'
    ' HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD'
    ' MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN'
    ' PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY'
    ' TTD TWD TZS UAH UGX USD UYU UZS VED VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWG', ' '));
$$;
COMMENT ON FUNCTION koku_internal.is_currency(text) IS 'Whether a text is a currency code of ISO 4217.';

CREATE FUNCTION koku_internal.to_price(value text) RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
SELECT CASE WHEN value ~ '^\s*[+-]?([0-9]{1,40}(\.[0-9]{0,40})?|\.[0-9]{1,40})([eE][+-]?[0-9]{1,2})?\s*$'
    THEN value::numeric END;
$$;
COMMENT ON FUNCTION koku_internal.to_price(text) IS
'The number that a text is; NULL for any other text, since a price that other software '
'wrote must not stop the costs of a cluster.';
