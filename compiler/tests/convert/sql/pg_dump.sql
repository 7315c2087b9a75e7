--
-- PostgreSQL database dump
--

\restrict abc

SET statement_timeout = 0;
SELECT pg_catalog.set_config('search_path', '', false);

CREATE TYPE public.plan AS ENUM (
    'free',
    'pro',
    'team-of-many'
);

ALTER TYPE public.plan OWNER TO shop;

--
-- Name: customers; Type: TABLE; Schema: public; Owner: shop
--

CREATE TABLE public.customers (
    id integer NOT NULL,
    email character varying(120) NOT NULL,
    plan public.plan DEFAULT 'free'::public.plan NOT NULL,
    age smallint,
    status text DEFAULT 'new'::text NOT NULL,
    joined timestamp without time zone DEFAULT now() NOT NULL,
    tags text[],
    settings jsonb,
    location point,
    CONSTRAINT customers_age_check CHECK (((age >= 18) AND (age <= 120))),
    CONSTRAINT customers_status_check CHECK ((status = ANY (ARRAY['new'::text, 'active'::text, 'gone'::text])))
);

ALTER TABLE public.customers OWNER TO shop;

COMMENT ON TABLE public.customers IS 'Who buys.';
COMMENT ON COLUMN public.customers.email IS 'Where bills go.
Never shared.';

CREATE SEQUENCE public.customers_id_seq
    AS integer
    START WITH 1;

CREATE TABLE public."order-lines" (
    order_no bigint NOT NULL,
    line integer NOT NULL,
    customer_id integer NOT NULL,
    quantity integer NOT NULL,
    price numeric(10,2) NOT NULL,
    shipped date,
    placed date NOT NULL,
    CONSTRAINT lines_check CHECK (((shipped IS NULL) OR (shipped >= placed))),
    CONSTRAINT quantity_check CHECK ((quantity > 0)),
    CONSTRAINT odd CHECK ((((quantity * 2) / 3) > 0))
);

ALTER TABLE ONLY public.customers ALTER COLUMN id SET DEFAULT nextval('public.customers_id_seq'::regclass);

COPY public.customers (id, email) FROM stdin;
1	it's@example.com
\.

INSERT INTO public.customers VALUES (2, 'a;b');

ALTER TABLE ONLY public.customers
    ADD CONSTRAINT customers_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.customers
    ADD CONSTRAINT customers_email_key UNIQUE (email);

ALTER TABLE ONLY public."order-lines"
    ADD CONSTRAINT lines_pkey PRIMARY KEY (order_no, line);

CREATE INDEX by_age ON public.customers USING btree (age);

CREATE VIEW public.grown AS SELECT * FROM public.customers WHERE age > 18;

ALTER TABLE ONLY public."order-lines"
    ADD CONSTRAINT lines_customer_fkey FOREIGN KEY (customer_id) REFERENCES public.customers(id) ON DELETE CASCADE;
