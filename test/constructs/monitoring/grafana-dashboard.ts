import type { Dashboard, DataQuery, FieldConfig, FieldConfigSource, Panel } from '@grafana/schema';
import type { Options as StatOptions } from '@grafana/schema/dist/esm/raw/composable/stat/panelcfg/x/StatPanelCfg_types.gen';
import type {
  FieldConfig as TimeSeriesFieldConfig,
  Options as TimeSeriesOptions,
} from '@grafana/schema/dist/esm/raw/composable/timeseries/panelcfg/x/TimeSeriesPanelCfg_types.gen';

/** What JSON has in place of a type: the values of an enumeration instead of its members. */
type Json<T> = T extends string
  ? `${T}`
  : T extends number
    ? `${number}` extends `${T}`
      ? number
      : `${T}` extends `${infer Value extends number}`
        ? Value
        : never
    : T extends readonly (infer Element)[]
      ? Json<Element>[]
      : T extends object
        ? { [Name in keyof T]: Json<T[Name]> }
        : T;

/** A query of Grafana's Prometheus data source, whose schema is not in the package. */
interface PrometheusQuery extends DataQuery {
  readonly expr: string;
  readonly legendFormat?: string;
}

/** Grafana's type of any panel, with the options of one kind of panel. */
type PanelOf<Type extends string, Options, Custom> = Omit<
  Panel,
  'type' | 'options' | 'fieldConfig' | 'targets'
> & {
  type: Type;
  options: Options;
  fieldConfig: Omit<FieldConfigSource, 'defaults'> & {
    defaults: Omit<FieldConfig, 'custom'> & { custom?: Custom };
  };
  targets: PrometheusQuery[];
};

/** Grafana's classic dashboard model, with the kinds of panels that the dashboard of a service has. */
export type GrafanaDashboard = Json<
  Omit<Dashboard, 'panels'> & {
    panels: (
      PanelOf<'stat', StatOptions, never> | PanelOf<'timeseries', TimeSeriesOptions, TimeSeriesFieldConfig>
    )[];
  }
>;
